// A strict reader of the Prometheus text format, version 0.0.4: refuses what a lenient one forgives.
const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (\S+)$/;
const labelPair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/;
const types = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);
const suffixes = { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'] };

// {name: {type, help, samples: [{name, labels, value}]}}; throws at the first thing that is wrong.
export function parseMetrics(text) {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map();
  const series = new Set();
  let current = null;
  for (const line of text.split('\n').slice(0, -1)) {
    if (line === '') throw new Error('an empty line');
    if (line.startsWith('#')) {
      current = readComment(line, families, current);
      continue;
    }
    const sample = readSample(line);
    if (!current || !current.type || !belongs(current, sample.name)) throw new Error(`outside of its family: ${line}`);
    const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (series.has(key)) throw new Error(`twice: ${line}`);
    series.add(key);
    current.samples.push(sample);
  }
  for (const family of families.values()) checkFamily(family);
  return Object.fromEntries(families);
}

function readComment(line, families, current) {
  const found = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
  if (!found || !metricName.test(found[2])) throw new Error(`not HELP or TYPE: ${line}`);
  const [, kind, name, rest] = found;
  let family = current?.name === name ? current : null;
  if (!family) {
    if (families.has(name)) throw new Error(`a family in two places: ${name}`);
    family = { name, type: null, help: null, samples: [] };
    families.set(name, family);
  }
  const field = kind.toLowerCase();
  if (family[field] !== null) throw new Error(`two ${kind} of ${name}`);
  if (kind === 'TYPE' && (!types.has(rest) || family.samples.length > 0)) throw new Error(`a wrong TYPE: ${line}`);
  family[field] = rest;
  return family;
}

function readSample(line) {
  const found = sampleLine.exec(line);
  if (!found) throw new Error(`not a sample: ${line}`);
  const labels = {};
  for (let rest = found[3] ?? ''; rest !== '';) {
    const pair = labelPair.exec(rest);
    if (!pair || pair[1] in labels) throw new Error(`wrong labels: ${line}`);
    labels[pair[1]] = pair[2];
    rest = rest.slice(pair[0].length);
  }
  const value = { '+Inf': Infinity, '-Inf': -Infinity, NaN }[found[4]] ?? Number(found[4]);
  if (Number.isNaN(value) && found[4] !== 'NaN') throw new Error(`not a number: ${line}`);
  return { name: found[1], labels, value };
}

function belongs(family, name) {
  return (suffixes[family.type] ?? ['']).some((suffix) => name === family.name + suffix);
}

function checkFamily(family) {
  if (!family.type || !family.help) throw new Error(`${family.name} lacks TYPE or HELP`);
  if (family.type === 'counter') {
    if (!family.name.endsWith('_total')) throw new Error(`a counter must end in _total: ${family.name}`);
    if (family.samples.some((sample) => !(sample.value >= 0))) throw new Error(`a negative counter: ${family.name}`);
  }
  if (family.type === 'histogram') checkHistogram(family);
}

function checkHistogram(family) {
  const groups = new Map();
  for (const sample of family.samples) {
    const { le, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    if (!groups.has(key)) groups.set(key, { buckets: [], count: null, sum: null });
    const group = groups.get(key);
    if (sample.name.endsWith('_bucket')) group.buckets.push([le === '+Inf' ? Infinity : Number(le), sample.value]);
    if (sample.name.endsWith('_count')) group.count = sample.value;
    if (sample.name.endsWith('_sum')) group.sum = sample.value;
  }
  for (const { buckets, count, sum } of groups.values()) {
    const grows = buckets.every(([le, value], i) => i === 0 || (le > buckets[i - 1][0] && value >= buckets[i - 1][1]));
    const last = buckets.at(-1);
    if (!grows || last?.[0] !== Infinity || last[1] !== count || sum === null) throw new Error(`a wrong histogram: ${family.name}`);
  }
}
