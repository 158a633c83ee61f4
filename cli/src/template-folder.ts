// Where the templates that come with Spindle stand: beside the folder of the command line, from its sources and from
// its bundle alike.
import { join } from 'node:path';

export const BUILT_IN_TEMPLATES = join(import.meta.dirname, '../../templates');
