import { describe } from 'bun:test';
import { gemini } from '../../../src/protocols/gemini/index.ts';
import { protocolContract } from '../../contracts/protocol.ts';

describe('the protocol contract holds for gemini', () => protocolContract(gemini));
