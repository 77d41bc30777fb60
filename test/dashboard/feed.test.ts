import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gapAt, longestFeed, rowOf, type Tone, withRows } from '../../src/dashboard/feed.ts';
import { alertOf, summaryOf } from '../../src/dashboard/saying.ts';
import type { News } from '../../src/dashboard/shapes.ts';
import { aVpnTold, begin, engineNews, failedVpnTold, turnNews, vpnNews } from '../support/picture.ts';

describe('the feed', () => {
  test('has the newest first, and no more than it may', () => {
    const many = Array.from({ length: longestFeed + 50 }, (_, index) => rowOf(engineNews(index, 'STARTED')));
    let rows = withRows([], []);
    for (const row of many) rows = withRows(rows, [row]);
    assert.equal(rows.length, longestFeed);
    assert.equal(rows[0]?.id, many.at(-1)?.id);
    assert.equal(rows.at(-1)?.id, many.at(-longestFeed)?.id);
  });

  test('says where something is missing', () => {
    const row = gapAt(begin);
    assert.match(row.message, /missed/);
    assert.equal(row.tone, 'warn');
  });

  const tones: [what: string, told: News, tone: Tone][] = [
    ['an emergency that begins', turnNews(1, 'ENTERED'), 'bad'],
    ['one that goes on', turnNews(1, 'UPDATED'), 'bad'],
    ['one that is over', turnNews(1, 'EXITED'), 'good'],
    ['a VPN that has failed', vpnNews(1, failedVpnTold('a')), 'bad'],
    ['one that stabilizes', vpnNews(1, aVpnTold('a', { state: 'STABILIZING' })), 'warn'],
    ['one that is ready', vpnNews(1, aVpnTold('a')), 'good'],
    ['an engine that runs', engineNews(1, 'STARTED'), 'good'],
    ['one that is unhealthy', engineNews(1, 'UNHEALTHY'), 'bad'],
    ['one that is gone', engineNews(1, 'REMOVED'), 'plain'],
  ];
  for (const [what, told, tone] of tones)
    test(`${what} is ${tone}`, () => assert.equal(rowOf(told).tone, tone));
});

describe('what a screen reader says', () => {
  test('many events are few words', () => {
    const events = [
      ...Array.from({ length: 5 }, (_, index) => engineNews(index, 'STARTED')),
      engineNews(6, 'REMOVED'),
      vpnNews(7, aVpnTold('a')),
      engineNews(8, 'HEALTHY'),
    ];
    assert.equal(summaryOf(events), 'a is READY. 5 engines run now. 1 engine is gone');
  });

  test('that an emergency is over is said among them, that one begins is said at once', () => {
    assert.equal(summaryOf([turnNews(1, 'ENTERED')]), '');
    assert.equal(summaryOf([turnNews(2, 'EXITED')]), 'EMERGENCY MODE EXITED');
    const alarm = { outage: false, title: 'b has failed', meaning: '', reasons: [], since: begin };
    assert.match(alertOf(alarm, begin), /^Emergency since \S+: b has failed\.$/);
    assert.equal(alertOf(alarm, begin), alertOf(alarm, begin + 5_000), 'and once');
    assert.equal(alertOf(null, begin), '');
  });
});
