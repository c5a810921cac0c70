// The committed documents against the schemas that their specifications publish.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import specs from '@asyncapi/specs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

async function read(name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')) as Record<string, unknown>;
}

test('docs/openapi.json is OpenAPI 3.1', async () => {
  const document = await read('openapi.json');
  assert.equal(document['openapi'], '3.1.0');
  const validator = new Validator();
  const { valid, errors } = await validator.validate(document);
  assert.ok(valid, JSON.stringify(errors, null, 2));
  validator.resolveRefs();
});

test('docs/asyncapi.json is AsyncAPI 3.0', async () => {
  const document = await read('asyncapi.json');
  assert.equal(document['asyncapi'], '3.0.0');
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  formats.default(ajv);
  const validate = ajv.compile(specs.schemasWithoutId['3.0.0'] as object);
  assert.ok(validate(document), JSON.stringify(validate.errors?.slice(0, 20), null, 2));
});
