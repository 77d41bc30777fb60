import { enableCompileCache } from 'node:module';

// Half of a start is reading and compiling. What one process has compiled, the next one need not: after a crash, that is
// time in which nobody looks after the engines. It has to be asked for before anything else is imported.
enableCompileCache();
await import('./process.ts');
