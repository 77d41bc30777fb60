import type { CodegenConfig } from '@graphql-codegen/cli';

/**
 * Each keeps its documents in files of its own, and their types in the folder gql beside them. `more` is what they may ask
 * beyond the schema, such as simulated.graphql.
 */
const typed = (folder: string, ...more: readonly string[]) => ({
  [`${folder}/gql/`]: {
    schema: [...more],
    preset: 'client' as const,
    documents: [`${folder}/**/*.{ts,tsx}`, `!${folder}/gql/**`],
    presetConfig: { fragmentMasking: false },
    config: {
      documentMode: 'string',
      scalars: { DateTime: 'string' },
      useTypeImports: true,
      enumsAsTypes: true,
    },
  },
});

/** Types the documents of all who ask the service, by the schema as scripts/print-schema.ts prints it. */
const config: CodegenConfig = {
  schema: './schema.graphql',
  importExtension: '.ts',
  generates: {
    ...typed('test/api'),
    ...typed('src/cli'),
    ...typed('src/dashboard', 'simulated.graphql'),
  },
};

export default config;
