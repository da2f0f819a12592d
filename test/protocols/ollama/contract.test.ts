import { describe } from 'bun:test';
import { ollama } from '../../../src/protocols/ollama/index.ts';
import { protocolContract } from '../../contracts/protocol.ts';

describe('the protocol contract holds for ollama', () => protocolContract(ollama));
