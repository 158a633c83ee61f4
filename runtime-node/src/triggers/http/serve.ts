// The HTTP trigger of one app as it runs: its listener, what it serves there, and how it stops.
import { setTimeout as delay } from 'node:timers/promises';
import type { App } from '../../app/app.ts';
import { HttpState } from '../../host/http/index.ts';
import { formatAddress, type ListenAddress, type ListenerOptions } from './address.ts';
import type { GuestCallOptions, GuestCalls } from './guest-calls.ts';
import { Listener } from './listener/listener.ts';
import type { HttpRoutes } from './routes.ts';
import { HttpService } from './service.ts';

export interface HttpTriggerOptions extends ListenerOptions, GuestCallOptions {}

/** A running HTTP trigger. */
export interface HttpTrigger {
  readonly address: ListenAddress;
  /** Descriptor of the listening socket. */
  readonly socket: number;
  /** `http://127.0.0.1:3000` */
  readonly baseUrl: string;
  readonly routes: HttpRoutes;
  /** What goes on at this moment. */
  readonly calls: Pick<GuestCalls, 'waiting' | 'suspended'>;
  /**
   * Stops accepting, lets running requests finish for `deadlineMs`, then ends what is left.
   * Resolves to the number of requests that had to be ended.
   */
  close(deadlineMs: number): Promise<number>;
}

export async function startHttpTrigger(app: App, options: HttpTriggerOptions): Promise<HttpTrigger> {
  const service = new HttpService(app, options);
  const listener = new Listener(options, service);
  const address = await listener.listen();
  const http = app.capabilityState('http');
  if (http instanceof HttpState) {
    http.selfAddress = { scheme: service.scheme, ...address };
    http.components = service;
  }
  return {
    address,
    socket: listener.descriptor,
    baseUrl: `${service.scheme}://${formatAddress(address)}`,
    routes: service.routes,
    calls: service.calls,
    close: (deadlineMs) => drain(listener, service, deadlineMs),
  };
}

/** What clients have sent by the time of a stop is read and answered; it is on its way for no longer than this. */
const ARRIVAL_MS = 100;

async function drain(listener: Listener, service: HttpService, deadlineMs: number): Promise<number> {
  service.draining = true;
  const closed = listener.stopListening();
  await delay(Math.min(ARRIVAL_MS, deadlineMs));
  service.calls.drain();
  listener.finish();
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<void>((resolve) => {
    service.calls.onIdle = () => {
      if (service.calls.running === 0) {
        resolve();
      }
    };
    service.calls.onIdle();
    timer = setTimeout(resolve, deadlineMs);
  });
  await idle;
  clearTimeout(timer);
  const ended = service.calls.abort(new Error('the runtime is stopping'));
  // What the last guests wrote may still be on its way to the clients; a connection without a request is idle.
  listener.closeIdle();
  const lastBytes = setTimeout(() => listener.destroy(), ended > 0 ? 0 : Math.max(1000, deadlineMs));
  await closed;
  clearTimeout(lastBytes);
  service.calls.close();
  return ended;
}
