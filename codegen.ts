import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types the documents that the API tests use, by the schema as scripts/print-schema.ts prints it. */
const config: CodegenConfig = {
  schema: './schema.graphql',
  documents: ['test/api/**/*.ts', '!test/api/gql/**'],
  importExtension: '.ts',
  generates: {
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
