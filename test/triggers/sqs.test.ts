// The SQS trigger against a stand-in for the service, with a real guest and AWS's own client (spin-contract.md §6.4).
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { RunningSpindle } from '../../cli/src/testing/run-spindle.ts';
import { triggerApp } from './manifest.ts';
import { SqsServer } from './sqs-server.ts';

const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 's3cret',
  AWS_DEFAULT_REGION: 'eu-west-1',
};

async function started(server: SqsServer, more = ''): Promise<RunningSpindle> {
  const folder = await triggerApp(
    `[[trigger.sqs]]\nqueue_url = "${server.queueUrl}"\nidle_wait_seconds = 0\ncomponent = "guest"\n${more}`,
    { guest: 'rsqs' },
  );
  return folder.start(['up'], { env: CREDENTIALS });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await delay(20);
  }
}

it('hands each message to a guest, with the attributes that were asked for, and deletes it when the guest says so', async () => {
  await using server = new SqsServer();
  await server.listen();
  const id = server.put('hello', {
    colour: { DataType: 'String', StringValue: 'red' },
    bytes: { DataType: 'Binary.png', BinaryValue: Buffer.from('ab').toString('base64') },
    other: { DataType: 'String', StringValue: 'unasked' },
  });
  const running = await started(
    server,
    'system_attributes = ["All"]\nmessage_attributes = ["colour", "bytes"]\nmax_messages = 3\n',
  );
  await until(() => server.left.length === 0);
  await running.printed(/message .* hello\n/, 'stderr');
  expect(running.stderr).toContain(
    `message ${id} [ApproximateReceiveCount=MessageAttributeValue::Str("1") None, ` +
      `bytes=MessageAttributeValue::Binary([97, 98]) Some("Binary.png"), ` +
      `colour=MessageAttributeValue::Str("red") Some("String")] hello\n`,
  );
  expect((await running.stop()).code).toBe(0);
});

it('leaves messages that the guest leaves, or fails with, to come again', async () => {
  await using server = new SqsServer(1);
  await server.listen();
  for (const body of ['leave', 'fail', 'panic', 'done']) {
    server.put(body);
  }
  const running = await started(server);
  await until(() => server.left.length === 3);
  await running.printed(/(\] leave\n[^]*){2}/, 'stderr');
  expect(server.left.toSorted()).toEqual(['fail', 'leave', 'panic']);
  expect(running.stderr).toContain('component guest: the handler returned an error: the guest was told to fail\n');
  expect(running.stderr).toContain('component guest: unreachable\n');
  expect((await running.stop()).code).toBe(0);
});

it('holds a message as long as its guest is at work, and finishes it before a stop', async () => {
  await using server = new SqsServer(2);
  await server.listen();
  server.put('slow 5000');
  const running = await started(server);
  await until(() => server.asked.includes('ChangeMessageVisibility'));
  const { code, stderr } = await running.stop();
  expect([code, server.left]).toEqual([0, []]);
  // One guest only.
  expect(stderr.match(/slow 5000/g)).toHaveLength(1);
});

it('goes on asking when the service refuses, hangs up, or answers with garbage', async () => {
  await using server = new SqsServer();
  await server.listen();
  const running = await started(server);
  await until(() => server.asked.includes('ReceiveMessage'));
  server.misbehave = (response) => response.socket?.destroy();
  await running.printed(/disconnected from http:.*orders, trying again in/, 'stderr');
  server.misbehave = (response) => response.end('<html>not JSON');
  await running.printed(/(trying again in[^]*){4}/, 'stderr');
  server.misbehave = undefined;
  server.put('after');
  await until(() => server.left.length === 0);
  expect(running.stderr).not.toContain('s3cret');
  expect((await running.stop()).code).toBe(0);
});
