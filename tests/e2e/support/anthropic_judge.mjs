// Is this a request that Anthropic would take? The shape is judged by schemas made from the type files
// of the official client; what types cannot say is checked here.
import Ajv from 'ajv';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

const typeName = 'MessageCreateParams';
const legalId = /^[a-zA-Z0-9_-]+$/;

export function makeAnthropicJudge() {
  const require = createRequire(import.meta.url);
  const types = path.join(path.dirname(require.resolve('@anthropic-ai/sdk')), 'resources/messages/messages.d.ts');
  const schema = createGenerator({ path: types, type: typeName, skipTypeCheck: true, additionalProperties: false }).createSchema(typeName);
  const isValid = new Ajv({ strict: false, allErrors: false }).compile(schema);
  // The problems of one request body; none when it is right.
  return (body) => {
    const shape = isValid(body) ? [] : isValid.errors.map((error) => `${error.instancePath} ${error.message}`);
    return [...shape, ...turnProblems(body.messages ?? [])];
  };
}

// Roles take turns, a person begins, every call has one result, first in the next message; no text is
// blank, and no id comes twice.
function turnProblems(messages) {
  const problems = [];
  const seen = new Set();
  let open = new Set();
  messages.forEach((message, place) => {
    const blocks = Array.isArray(message.content) ? message.content : [{ type: 'text', text: message.content }];
    if (message.role !== (place % 2 === 0 ? 'user' : 'assistant')) problems.push(`message ${place} is the ${message.role}'s`);
    if (blocks.length === 0) problems.push(`message ${place} is empty`);
    let others = false;
    for (const block of blocks) {
      if (block.type === 'text' && block.text.trim() === '') problems.push(`message ${place} has a blank text`);
      if (block.type === 'tool_result') {
        if (others) problems.push(`message ${place} has a result behind something else`);
        if (!open.delete(block.tool_use_id)) problems.push(`a result without its call: ${block.tool_use_id}`);
      } else {
        others = true;
      }
    }
    for (const id of open) problems.push(`a call without its result: ${id}`);
    open = new Set(blocks.filter((block) => block.type === 'tool_use').map((block) => block.id));
    for (const id of open) {
      if (seen.has(id)) problems.push(`two calls with the id ${id}`);
      if (!legalId.test(id)) problems.push(`an illegal id: ${id}`);
      seen.add(id);
    }
  });
  for (const id of open) problems.push(`a call without its result: ${id}`);
  return problems;
}
