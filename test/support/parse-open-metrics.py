"""Reads a JSON list of OpenMetrics texts; writes a JSON list with the families of each, or with what is wrong with it."""
import io
import json
import sys

from prometheus_client.openmetrics.parser import text_fd_to_metric_families


def number(value):
    return value if value == value and abs(value) != float("inf") else repr(float(value))


def exemplar(found):
    return found and {"labels": found.labels, "value": number(found.value), "timestamp": found.timestamp and float(found.timestamp)}


def families(text):
    return [
        {
            "name": family.name,
            "type": family.type,
            "unit": family.unit,
            "help": family.documentation,
            "samples": [
                {"name": s.name, "labels": s.labels, "value": number(s.value), "exemplar": exemplar(s.exemplar)} for s in family.samples
            ],
        }
        for family in text_fd_to_metric_families(io.StringIO(text, newline="\n"))
    ]


def parsed(text):
    try:
        return {"families": families(text)}
    except Exception as error:
        return {"error": "%s: %s" % (type(error).__name__, error)}


json.dump([parsed(text) for text in json.load(sys.stdin)], sys.stdout)
