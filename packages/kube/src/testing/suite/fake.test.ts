// The shared suite on the fake API server, over HTTP/1.1 and over HTTP/2.
import { startFakeApiServer } from '../fake-api-server/index.ts';
import { describeControllers } from './controller-suite.ts';
import { describeObjects } from './objects-suite.ts';
import { describeWatches } from './watch-suite.ts';
import type { TestServer } from './test-server.ts';

const start = (tls: boolean) => async (): Promise<TestServer> => {
  const server = await startFakeApiServer({ tls });
  return {
    access: server.access,
    expire: async () => server.expireHistory(),
    async crash() {
      server.expireHistory();
      server.cutConnections();
    },
    stop: () => server.stop(),
  };
};

describeObjects('the fake API server over HTTP/1.1', start(false));
describeObjects('the fake API server over HTTP/2', start(true));
describeWatches('the fake API server over HTTP/1.1', start(false));
describeWatches('the fake API server over HTTP/2', start(true));
describeControllers('the fake API server over HTTP/1.1', start(false));
describeControllers('the fake API server over HTTP/2', start(true));
