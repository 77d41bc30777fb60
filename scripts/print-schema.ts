import { writeFileSync } from 'node:fs';
import { printed } from './printed.ts';

for (const [file, text] of Object.entries(printed)) writeFileSync(file, text);
