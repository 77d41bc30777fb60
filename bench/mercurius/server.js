// mercurius as its documentation has it, over the same SDL: node server.js <what the root fields answer, as JSON>
import { readFileSync } from 'node:fs';
import fastify from 'fastify';
import mercurius from 'mercurius';

const answers = JSON.parse(process.argv[2] ?? '{}');
const schema = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
const Query = Object.fromEntries(Object.entries(answers).map(([field, value]) => [field, () => value]));

const app = fastify();
app.register(mercurius, { schema, resolvers: { Query } });
await app.listen({ port: 0, host: '127.0.0.1' });
console.log(`listening at ${app.server.address().port}\n`);
