import { describe } from 'bun:test';
import { anthropic } from '../../../src/protocols/anthropic/index.ts';
import { protocolContract } from '../../contracts/protocol.ts';

describe('the protocol contract holds for anthropic', () => protocolContract(anthropic));
