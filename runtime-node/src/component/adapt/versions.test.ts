import { expect, it } from 'vitest';
import { hasUnsafeAllocator, isAdaptable } from './versions.ts';

it.each([
  ['0.5', true],
  ['0.5.0', true],
  ['0.13.1', true],
  ['0.57.1-rc', true],
  ['0.255.0', true],
  ['0.4.9', false],
  ['0.2.0', false],
  ['1.0.0', false],
  ['12.5', false],
  ['0.256.0', false],
  ['0.5.0.1', false],
  ['0.57.1-rc.2', false],
  ['0', false],
  ['', false],
  ['0.x', false],
  ['v0.5', false],
  ['0.-5', false],
])('wit-bindgen %s can be adapted: %s', (version, expected) => {
  expect(isAdaptable(version)).toBe(expected);
});

it.each([
  ['15.0.6', true],
  ['14.0.0 extra-stuff', true],
  ['9.99.99', true],
  ['15.0.7', false],
  ['15.1.0', false],
  ['16.0.0 extra-stuff', false],
  ['21.1.4-wasi-sdk (https://example.com)', false],
  ['a.b.c', false],
  ['14', false],
  ['', false],
])('the allocator of clang %s is unsafe: %s', (clang, expected) => {
  expect(hasUnsafeAllocator(clang)).toBe(expected);
});
