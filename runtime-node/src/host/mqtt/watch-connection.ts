// What ends a connection to a broker, for those who publish and those who subscribe.
import type { Socket } from 'node:net';
import type { MqttClient } from 'mqtt';

export interface ConnectionWatch {
  /** What a broker may send before a packet is complete. */
  readonly maxPacketBytes: number;
  /** When the broker has closed the connection without a word. */
  readonly closed: () => Error;
}

/** Rejects when the connection has ended, by whatever it was. */
export function watchConnection(
  client: MqttClient,
  socket: Socket,
  { maxPacketBytes, closed }: ConnectionWatch,
): Promise<never> {
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > maxPacketBytes) {
      socket.destroy(new Error('the broker sends a packet that is too large'));
    }
  });
  client.on('packetreceive', () => (received = 0));
  return new Promise((_resolve, reject) => {
    client.on('error', (error) => {
      reject(error);
      socket.destroy();
    });
    socket.once('error', reject);
    client.once('close', () => reject(closed()));
  });
}
