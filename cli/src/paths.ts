// Where the command line keeps things between runs; the places are Spin's own.
import { homedir } from 'node:os';
import { standardPaths, type StandardPaths } from '@spindle/oci';
import type { Console } from './console.ts';

export const userPaths = ({ env }: Console): StandardPaths =>
  standardPaths({ env, homeDir: homedir(), platform: process.platform });
