import type { Shown, Sight, ToldEvent, World } from '../oracles/sights.ts';

/** One sight on one line, for people. */
export function inWords(sight: Sight): string {
  return `${new Date(sight.at).toISOString().slice(11, 23)} ${sight.kind.padEnd(8)} ${content(sight)}`;
}

function content(sight: Sight): string {
  switch (sight.kind) {
    case 'told':
      return told(sight.event);
    case 'missed':
      return sight.code;
    case 'shown':
      return shown(sight);
    case 'called':
      return `${sight.verb} ${sight.container?.name ?? 'what is not there'}`;
    case 'world':
      return world(sight);
    case 'asked':
      return `${sight.request}: ${sight.what} ${sight.engine ?? sight.count}${sight.key === null ? '' : ` under ${sight.key}`}`;
    case 'answered':
      return `${sight.request}: ${[...sight.engines, ...sight.errors].join(' ') || 'nothing'}`;
    case 'left':
      return sight.request;
    case 'stage':
      return sight.stage;
    case 'fairness':
      return sight.fairness;
  }
}

function told(event: ToldEvent): string {
  const place = event.id.slice(0, 12).replace(/^0+/, '');
  const who = 'engine' in event ? ` [${event.engine.id}]` : '';
  return `${place} ${event.message}${who}`;
}

function shown({ vpns, engines, offered, running, pending, desired, circuit }: Shown): string {
  const places = vpns.map(({ name, state }) => {
    const own = engines.filter(({ vpn }) => vpn === name);
    const list = own.map((engine) => {
      const hidden = engine.state === 'STOPPING' || offered.includes(engine.id) ? '' : ' hidden';
      return `${engine.name} ${engine.state}${engine.health === 'UNHEALTHY' ? ' ill' : ''}${hidden}`;
    });
    return `${name} ${state} (${list.join(', ')})`;
  });
  return `${running}+${pending} of ${desired}, circuit ${circuit}; ${places.join('; ')}`;
}

function world({ vpns, engines }: World): string {
  const places = vpns.map(({ name, health, run, silent }) => {
    const own = engines.filter(({ vpn }) => vpn === name);
    const list = own.map((engine) => {
      const lost = engine.running && engine.run !== run ? ' lost' : '';
      return `${engine.name}${engine.running ? '' : ' dead'}${lost}${engine.condition === 'well' ? '' : ` ${engine.condition}`}`;
    });
    return `${name} ${health}${silent ? ' silent' : ''} (${list.join(', ')})`;
  });
  return places.join('; ');
}
