import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './fuzz.ts';

test('three thousand documents that nobody would write are answered or refused, and break nothing', async () => {
  const seed = Date.now();
  const { answered, refused, limited, failures } = await fuzz({ seed, documents: 3_000 });
  assert.deepEqual(failures, []);
  // Otherwise the documents are all of one kind, and most of the service was never asked.
  for (const [what, count] of Object.entries({ answered, refused, limited }))
    assert(count > 5, `${count} ${what} from seed ${seed}`);
});
