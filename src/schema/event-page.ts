import type { Event, EventPage } from '../domain/events.ts';
import { builder } from './builder.ts';
import { once } from './cost.ts';
import { EventInterface } from './events.ts';

const EventEdgeType = builder.objectRef<Event>('EventEdge').implement({
  description: 'An event and where it stands.',
  fields: (t) => ({
    cursor: t.string({
      description: "The event's id: pages and subscriptions go on from it.",
      resolve: ({ id }) => id,
    }),
    node: t.field({ type: EventInterface, description: 'The event.', resolve: (event) => event }),
  }),
});

const PageInfoType = builder.objectRef<EventPage>('PageInfo').implement({
  description: 'What lies before and behind a page.',
  fields: (t) => ({
    hasNextPage: t.boolean({
      description: 'Whether newer events of these types follow.',
      resolve: ({ hasNext }) => hasNext,
    }),
    hasPreviousPage: t.boolean({
      description: 'Whether older events of these types are kept.',
      resolve: ({ hasPrevious }) => hasPrevious,
    }),
    startCursor: t.string({
      nullable: true,
      description: 'The first cursor of the page; null when it is empty.',
      resolve: ({ events }) => events[0]?.id ?? null,
    }),
    endCursor: t.string({
      nullable: true,
      description: 'The last cursor of the page; null when it is empty.',
      resolve: ({ events }) => events.at(-1)?.id ?? null,
    }),
  }),
});

export const EventConnectionType = builder.objectRef<EventPage>('EventConnection').implement({
  description: 'A page of events, oldest first.',
  fields: (t) => ({
    edges: t.field({
      type: [EventEdgeType],
      complexity: once,
      description: 'The events with their cursors.',
      resolve: ({ events }) => events,
    }),
    nodes: t.field({
      type: [EventInterface],
      complexity: once,
      description: 'The events alone.',
      resolve: ({ events }) => events,
    }),
    pageInfo: t.field({
      type: PageInfoType,
      description: 'What lies before and behind.',
      resolve: (page) => page,
    }),
  }),
});
