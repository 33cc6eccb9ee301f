import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { HOST_FORM, isHostName, isToken, TOKENS_FORM } from '../../collector/access/access-options.js';
import { ingestBroker } from '../../collector/ingest/amqp/amqp-ingest-options.js';
import { readShardList } from '../../collector/ingest/amqp/shard-list.js';
import { type CollectorLimits, LIMIT_NAMES } from '../../collector/limits.js';
import { type CollectSettings, DURABILITIES, LOG_FORMATS, parsedListen } from './collect-settings.js';
import { ConfigDocument } from './config-document.js';
import { type ConfigFault, inOrder } from './config-fault.js';
import type { ConfigNode } from './config-node.js';
import { recordRulesIn } from './rule-settings.js';

const SETTINGS = [
  'listen',
  'socket',
  'dataDir',
  'durability',
  'allowStateLoss',
  'limits',
  'amqp',
  'shards',
  'records',
  'recordsQueue',
  'recordsExchange',
  'recordsBesideBatches',
  'recordRules',
  'webConfig',
  'readTokens',
  'writeTokens',
  'allowedHosts',
  'logFormat',
] as const;

/** What a configuration file says, as far as it can be read, and what is wrong with it. */
export interface FileSettings {
  readonly settings: CollectSettings;
  readonly faults: readonly ConfigFault[];
}

/** Reads a configuration in YAML or JSON. Names of files in it are relative to its folder. Rejects if the file can't be read. */
export async function readFileSettings(file: string): Promise<FileSettings> {
  return fileSettingsOf(file, await readFile(file, 'utf8'));
}

/** As {@link readFileSettings} for a text that is there. */
export async function fileSettingsOf(file: string, text: string): Promise<FileSettings> {
  const document = await ConfigDocument.parse(text);
  const settings = document.root === undefined ? {} : settingsOf(document.root, dirname(file));
  return { settings, faults: inOrder(document.faults) };
}

function settingsOf(root: ConfigNode, folder: string): CollectSettings {
  const fields = root.fields(SETTINGS);
  const path = (node: ConfigNode | undefined): string | undefined => {
    const name = node?.text('a path');
    return name === undefined ? undefined : resolve(folder, name);
  };
  const host = (node: ConfigNode): string | undefined => {
    const name = node.text(HOST_FORM);
    return name === undefined || isHostName(name) ? name : node.fault(`must be ${HOST_FORM}, got '${name}'`);
  };
  return defined({
    listen: fields.listen === undefined ? undefined : listenOf(fields.listen),
    socket: path(fields.socket),
    dataDir: path(fields.dataDir),
    durability: fields.durability?.word(DURABILITIES),
    allowStateLoss: fields.allowStateLoss?.flag(),
    limits: fields.limits === undefined ? undefined : limitsOf(fields.limits),
    amqp: fields.amqp === undefined ? undefined : checked(fields.amqp, fields.amqp.secret(), ingestBroker),
    shards: fields.shards === undefined ? undefined : checked(fields.shards, fields.shards.text(SHARDS_FORM), readShardList),
    records: fields.records?.flag(),
    recordsQueue: fields.recordsQueue?.text(),
    recordsExchange: fields.recordsExchange?.text(),
    recordsBesideBatches: fields.recordsBesideBatches?.flag(),
    recordRules: fields.recordRules === undefined ? undefined : recordRulesIn(fields.recordRules),
    webConfig: path(fields.webConfig),
    readTokens: fields.readTokens?.secrets(TOKENS_FORM, isToken),
    writeTokens: fields.writeTokens?.secrets(TOKENS_FORM, isToken),
    allowedHosts: fields.allowedHosts?.list(host),
    logFormat: fields.logFormat?.word(LOG_FORMATS),
  });
}

const SHARDS_FORM = "shards such as '0-31'";

/** The text, if `check` does not throw for it. */
function checked(node: ConfigNode, text: string | undefined, check: (text: string) => unknown): string | undefined {
  try {
    if (text !== undefined) check(text);
    return text;
  } catch (error) {
    return node.fault(`is wrong: ${(error as Error).message.replace(/^\w+: /, '')}`);
  }
}

function listenOf(node: ConfigNode): CollectSettings['listen'] {
  const text = node.text('an address such as 127.0.0.1:9464, or off');
  if (text === undefined) return undefined;
  try {
    return parsedListen(text);
  } catch (error) {
    return node.fault(`is wrong: ${(error as Error).message}`);
  }
}

function limitsOf(node: ConfigNode): Partial<CollectorLimits> {
  const limits: Record<string, number> = {};
  for (const [name, value] of Object.entries(node.fields(LIMIT_NAMES))) {
    const limit = value?.whole(1);
    if (limit !== undefined) limits[name] = limit;
  }
  return limits;
}

function defined(settings: { readonly [Name in keyof CollectSettings]: CollectSettings[Name] | undefined }): CollectSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
