import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path/posix';
import ts from '@typescript/typescript6';

/**
 * The rooms of src/ from the bottom to the top, each with the rooms below that it may import. A file that lies in src/ itself is a room
 * of its own. `lazy` are rooms that it may reach by `import()`, and name in types, but never load on its own loading.
 */
const rooms: RoomTable = {
  'version.ts': { imports: [] },
  diagnostics: { imports: [] },
  sketch: { imports: ['diagnostics'] },
  record: { imports: ['sketch', 'diagnostics'] },
  amqp: { imports: ['record', 'diagnostics'] },
  metrics: { imports: ['sketch', 'record', 'diagnostics'] },
  handlers: { imports: ['amqp', 'record', 'diagnostics'] },
  ship: { imports: ['metrics', 'amqp', 'record', 'diagnostics'] },
  process: { imports: ['metrics', 'record', 'diagnostics'] },
  profile: { imports: ['ship', 'handlers', 'metrics', 'record', 'diagnostics'] },
  exposition: { imports: ['sketch', 'record', 'diagnostics'] },
  collector: { imports: ['exposition', 'amqp', 'sketch', 'record', 'diagnostics', 'version.ts'] },
  cli: { imports: ['collector', 'exposition', 'amqp', 'record', 'diagnostics', 'version.ts'] },
  'one-instance.ts': { imports: ['version.ts'] },
  'client.ts': {
    imports: ['process', 'profile', 'ship', 'handlers', 'metrics', 'record', 'diagnostics', 'version.ts'],
    lazy: ['collector', 'exposition'],
  },
  'index.ts': { imports: ['client.ts', 'one-instance.ts'], lazy: ['collector', 'exposition'] },
  'primary.ts': { imports: ['index.ts'] },
  'rabbitmq.ts': { imports: ['index.ts', 'handlers', 'amqp', 'record', 'diagnostics'] },
  'exposition.ts': { imports: ['exposition', 'sketch', 'record', 'diagnostics'] },
  'collector.ts': { imports: ['collector', 'exposition', 'record', 'diagnostics'] },
};

export type RoomTable = Readonly<Record<string, { readonly imports: readonly string[]; readonly lazy?: readonly string[] }>>;

/** Lines that a file may have; most have 40 to 150. */
export const lineLimit = 400;

interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `import()` loads when it is called; a type is never loaded. */
  readonly kind: 'dynamic' | 'static' | 'type';
}

/** An import of one file of the folder by another, both as paths from the folder. */
interface Arrow extends Import {
  readonly from: string;
  readonly to: string;
}

/** One sentence for each fault that a folder of rooms has: none in a house in order. */
export function roomFaults(folder: string, table: RoomTable = rooms): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .sort();
  const sources = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  const arrows = files.flatMap((file) => arrowsOf(file, sources.get(file) ?? ''));
  return [
    ...tableFaults(table),
    ...files.flatMap((file) => fileFaults(file, sources.get(file) ?? '', table)),
    ...arrows.flatMap((arrow) => arrowFaults(arrow, table, sources.has(arrow.to))),
    ...cycles(arrows.filter(({ kind }) => kind !== 'dynamic')),
  ];
}

/** A table whose rooms only name rooms above them in the list can't hold a cycle. */
function tableFaults(table: RoomTable): string[] {
  const names = Object.keys(table);
  return names.flatMap((name, height) =>
    [...(table[name]?.imports ?? []), ...(table[name]?.lazy ?? [])]
      .filter((lower) => !names.slice(0, height).includes(lower))
      .map((lower) => `the table lets ${name} import ${lower}, which is not below it`),
  );
}

function fileFaults(file: string, text: string, table: RoomTable): string[] {
  const faults: string[] = [];
  const lines = text.trimEnd().split('\n').length;
  if (!table[roomOf(file)]) faults.push(`${file} is in no room: the table of rooms has no ${roomOf(file)}`);
  if (file !== 'index.ts' && basename(file) === 'index.ts')
    faults.push(`${file} is a barrel: import the files of ${roomOf(file)} by their names`);
  if (lines > lineLimit) faults.push(`${file} has ${lines} lines, more than ${lineLimit}: find the second noun in it`);
  return faults;
}

function arrowFaults(arrow: Arrow, table: RoomTable, exists: boolean): string[] {
  const { from, to, kind, line, specifier } = arrow;
  const [here, there] = [roomOf(from), roomOf(to)];
  if (!exists) return [`${from}:${line} imports ${specifier}, which is no file of src`];
  if (here === there) return [];
  const { imports = [], lazy = [] } = table[here] ?? {};
  if (lazy.includes(there)) {
    return kind === 'static' ? [`${from}:${line} loads ${to}: ${here} may reach ${there} by import() and in types only`] : [];
  }
  if (imports.includes(there)) return [];
  const how = { dynamic: 'loads lazily', static: 'imports', type: 'imports types of' }[kind];
  return [
    `${from}:${line} ${how} ${to}: the arrow ${here} -> ${there} is not allowed, ${here} may import ${imports.join(', ') || 'nothing'}`,
  ];
}

/** The folder in src, or the name of a file that lies in src itself. */
function roomOf(file: string): string {
  return file.split('/', 1)[0] ?? file;
}

function arrowsOf(from: string, text: string): Arrow[] {
  return importsOf(from, text)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map((found) => ({ ...found, from, to: join(dirname(from), found.specifier.replace(/\.js$/, '.ts')) }));
}

function importsOf(file: string, text: string): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, kind: Import['kind']): void => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    found.push({ specifier: specifier.text, line: source.getLineAndCharacterOfPosition(specifier.getStart(source)).line + 1, kind });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node.importClause) ? 'type' : 'static');
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'static');
    else if (ts.isExternalModuleReference(node)) add(node.expression, 'static');
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, 'type');
    else if (ts.isCallExpression(node)) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], 'dynamic');
      if (ts.isIdentifier(node.expression) && node.expression.text === 'require') add(node.arguments[0], 'static');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `import { type X } from` is not among them: under `verbatimModuleSyntax` it still loads the file. */
function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  return clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

/** Every cycle that a walk along the arrows closes, once, as a chain of files. */
function cycles(arrows: readonly Arrow[]): string[] {
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of arrows) targets.set(from, (targets.get(from) ?? new Set()).add(to));
  const faults: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) faults.push(`${[...path.slice(start), file].join(' -> ')} is a cycle of imports`);
    if (start >= 0 || done.has(file)) return;
    for (const target of targets.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of [...targets.keys()].sort()) walk(file, []);
  return faults;
}
