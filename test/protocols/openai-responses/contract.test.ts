import { describe } from 'bun:test';
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts';
import { protocolContract } from '../../contracts/protocol.ts';

describe('the protocol contract holds for openai-responses', () => protocolContract(openaiResponses));
