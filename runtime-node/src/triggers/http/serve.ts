// The HTTP trigger of one app as it runs: its listener, what it serves there, and how it stops.
import { setTimeout as delay } from 'node:timers/promises';
import type { App } from '../../app/app.ts';
import { HttpState } from '../../host/http/index.ts';
import type { RunningCalls } from '../running-calls.ts';
import type { Trigger } from '../trigger.ts';
import { formatAddress, type ListenAddress, type ListenerOptions } from './address.ts';
import { Listener } from './listener/listener.ts';
import type { HttpRoutes } from './routes.ts';
import { HttpService } from './service.ts';

/** A running HTTP trigger. */
export interface HttpTrigger extends Trigger {
  readonly address: ListenAddress;
  /** Descriptor of the listening socket. */
  readonly socket: number;
  /** `http://127.0.0.1:3000` */
  readonly baseUrl: string;
  readonly routes: HttpRoutes;
}

export async function startHttpTrigger(app: App, options: ListenerOptions, calls: RunningCalls): Promise<HttpTrigger> {
  const service = new HttpService(app, options, calls);
  const listener = new Listener(options, service);
  const address = await listener.listen();
  const http = app.capabilityState('http');
  if (http instanceof HttpState) {
    http.selfAddress = { scheme: service.scheme, ...address };
    http.components = service;
  }
  let closed: Promise<void> | undefined;
  return {
    address,
    socket: listener.descriptor,
    baseUrl: `${service.scheme}://${formatAddress(address)}`,
    routes: service.routes,
    stopTaking: async (deadlineMs) => {
      service.draining = true;
      closed = listener.stopListening();
      await delay(Math.min(ARRIVAL_MS, deadlineMs));
      listener.finish();
    },
    close: async (ended, deadlineMs) => {
      // What the last guests wrote may still be on its way to the clients; a connection without a request is idle.
      listener.closeIdle();
      const lastBytes = setTimeout(() => listener.destroy(), ended > 0 ? 0 : Math.max(1000, deadlineMs));
      await closed;
      clearTimeout(lastBytes);
    },
  };
}

/** What clients have sent by the time of a stop is read and answered; it is on its way for no longer than this. */
const ARRIVAL_MS = 100;
