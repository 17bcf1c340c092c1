// The linters have rules, and follow them: a clean document passes, planted mistakes do not.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';

import { lint, linterNames } from './support.mjs';

const fixture = async () => JSON.parse(await readFile(new URL('fixture.json', import.meta.url), 'utf8'));

const mistakes = {
  'a response without a description': (document) => delete document.paths['/bot/list'].get.responses['200'].description,
  'an operation that can only fail': (document) => {
    const { responses } = document.paths['/bot/list'].get;
    delete responses['200'];
    responses['501'] = { description: 'Not built.' };
  },
  'two operations of one name': (document) => (document.paths['/bot/list'].get.operationId = 'createBot'),
  'a reference to nothing': (document) => (document.paths['/bot/list'].get.responses['4XX'].$ref = '#/components/responses/Nowhere'),
  'a parameter of the path that is not declared': (document) => {
    document.paths['/bot/{botId}/list'] = document.paths['/bot/list'];
    delete document.paths['/bot/list'];
  },
};

describe('linters', { concurrency: 2 }, () => {
  for (const name of linterNames) {
    test(`${name} has nothing to say of a clean document`, async () => {
      assert.deepEqual(await lint(name, await fixture()), []);
    });
    test(`${name} lets what is marked as not built only fail`, async () => {
      const document = await fixture();
      mistakes['an operation that can only fail'](document);
      document.paths['/bot/list'].get['x-not-built'] = true;
      assert.deepEqual(await lint(name, document), []);
    });
    for (const [what, plant] of Object.entries(mistakes)) {
      test(`${name} sees ${what}`, async () => {
        const document = await fixture();
        plant(document);
        assert.notDeepEqual(await lint(name, document), []);
      });
    }
  }
});
