// What is asked of containerd: a container's image, and content by its digest.
import { create } from '@bufbuild/protobuf';
import * as api from '../generated/containerd_pb.ts';
import { isRpcError } from '../ttrpc/index.ts';
import type { GrpcClient } from './grpc.ts';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
}

export interface ContainerdClient {
  /** Name of the image of a container; undefined when it has none. */
  imageOf(containerId: string): Promise<string | undefined>;
  /** What an image's name stands for; undefined when there is none of this name. */
  target(image: string): Promise<Descriptor | undefined>;
  /** In pieces; throws `notFound`. Nothing is checked against the digest here. */
  content(digest: string): AsyncGenerator<Uint8Array, void, undefined>;
}

const GET_CONTAINER = {
  path: '/containerd.services.containers.v1.Containers/Get',
  input: api.GetContainerRequestSchema,
  output: api.GetContainerResponseSchema,
} as const;
const GET_IMAGE = {
  path: '/containerd.services.images.v1.Images/Get',
  input: api.GetImageRequestSchema,
  output: api.GetImageResponseSchema,
} as const;
const READ_CONTENT = {
  path: '/containerd.services.content.v1.Content/Read',
  input: api.ReadContentRequestSchema,
  output: api.ReadContentResponseSchema,
} as const;

export function createContainerdClient(grpc: GrpcClient): ContainerdClient {
  return {
    async imageOf(id) {
      const found = await orUndefined(grpc.call(GET_CONTAINER, create(api.GetContainerRequestSchema, { id })));
      const image = found?.container?.image ?? '';
      return image === '' ? undefined : image;
    },
    async target(name) {
      const found = await orUndefined(grpc.call(GET_IMAGE, create(api.GetImageRequestSchema, { name })));
      return found?.image?.target;
    },
    async *content(digest) {
      const request = create(api.ReadContentRequestSchema, { digest });
      for await (const { data } of grpc.stream(READ_CONTENT, request)) {
        yield data;
      }
    },
  };
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isRpcError(error, 'notFound')) {
      return undefined;
    }
    throw error;
  }
}
