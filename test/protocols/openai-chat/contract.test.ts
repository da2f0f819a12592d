import { describe } from 'bun:test';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import { protocolContract } from '../../contracts/protocol.ts';

describe('the protocol contract holds for openai-chat', () => protocolContract(openaiChat));
