/** The page at `/`: where to look. */
export const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>phanos</title></head>
<body>
<h1>phanos</h1>
<ul>
<li><a href="/metrics">/metrics</a>: what was measured, for Prometheus</li>
<li><a href="/-/metrics">/-/metrics</a>: how the collector itself is doing</li>
<li><a href="/-/healthy">/-/healthy</a>: whether it runs</li>
<li><a href="/-/ready">/-/ready</a>: whether it takes and shows measurements</li>
</ul>
</body>
</html>
`;
