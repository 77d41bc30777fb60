import { writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../src/graphql.ts';

/** The schema for people and reviews. Printed by graphql itself: codegen's printer loses the defaults of arguments. */
writeFileSync('schema.graphql', `${printSchema(lexicographicSortSchema(schema))}\n`);
