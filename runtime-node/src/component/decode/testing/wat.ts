// Tests write components as text. The assembler does not validate, so that wrong ones can be written too.
import { parse } from '@bytecodealliance/jco';
import { decodeComponent } from '../index.ts';
import type { ComponentPlan } from '../../plan.ts';

export const wat = (text: string): Promise<Uint8Array> => parse(text);

export const planOf = async (text: string): Promise<ComponentPlan> => decodeComponent(await wat(text));
