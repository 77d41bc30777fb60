import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mutants } from './mutants.ts';

const textOf = (file: string): string => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');

for (const { name, file, from } of mutants)
  test(`there is a place for the fault "${name}"`, () => {
    assert.equal(textOf(file).split(from).length - 1, 1, `in ${file}: ${from}`);
  });
