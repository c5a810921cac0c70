// What is made of other files is what they say now. `UPDATE_GENERATED=1` renews it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import openapiTS, { astToString } from 'openapi-typescript';

const document = new URL('../../../docs/openapi.json', import.meta.url);
const types = new URL('../src/api.ts', import.meta.url);
const HEADER = '// Generated from docs/openapi.json by `cargo xtask generate`.\n\n';

test('generated types are those of the OpenAPI document', async () => {
  const text = HEADER + astToString(await openapiTS(document));
  if (process.env['UPDATE_GENERATED']) await writeFile(types, text);
  const committed = await readFile(types, 'utf8').catch(() => '');
  assert.ok(committed === text, 'web/client/src/api.ts is stale: run `cargo xtask generate`');
});

test('the client and its tests satisfy the compiler', () => {
  const compiler = fileURLToPath(import.meta.resolve('typescript/lib/tsc.js'));
  const folder = fileURLToPath(new URL('..', import.meta.url));
  try {
    execFileSync(process.execPath, [compiler, '--noEmit'], { cwd: folder, encoding: 'utf8' });
  } catch (error) {
    assert.fail((error as { stdout: string }).stdout);
  }
});
