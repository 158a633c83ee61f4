// The benchmarks: `npm run bench -- <suite>`. Figures are ratios of alternated rounds of one run on one machine, with
// the machine's load printed; an absolute number alone means nothing.
import { benchCluster } from './cluster/suite.ts';
import { benchEngine } from './engine/suite.ts';
import { benchHost } from './host/suite.ts';
import { benchHttp } from './http/suite.ts';
import { benchOperator } from './operator/suite.ts';
import { benchWatch } from './watch/suite.ts';

const suites: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  http: benchHttp,
  engine: benchEngine,
  operator: benchOperator,
  host: benchHost,
  watch: benchWatch,
  cluster: benchCluster,
};

const [name = 'http', ...args] = process.argv.slice(2);
const suite = suites[name];
if (suite === undefined) {
  console.error(`Error: there is no benchmark "${name}"; there are: ${Object.keys(suites).join(', ')}`);
  process.exitCode = 2;
} else {
  await suite(args);
}
