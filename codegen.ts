import type { CodegenConfig } from '@graphql-codegen/cli';

/** Prints the schema for people and reviews, and types the documents that the API tests use. */
const config: CodegenConfig = {
  schema: './src/graphql.ts',
  documents: ['test/api/**/*.ts', '!test/api/gql/**'],
  importExtension: '.ts',
  generates: {
    'schema.graphql': { plugins: ['schema-ast'], config: { includeDirectives: true } },
    'test/api/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string',
        scalars: { DateTime: 'string' },
        useTypeImports: true,
        enumsAsTypes: true,
      },
    },
  },
};

export default config;
