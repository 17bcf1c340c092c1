// Conversations in the words of a test.

// One message as short text: "instruction", "bot: ...", "request name", "response name".
export function inShort(message) {
  if (message.type !== 'activity') return message.type;
  const { type, function: called } = message.meta.activity;
  return `${type} ${called.name}`;
}

export function activities(messages, type, name) {
  return messages
    .filter((message) => message.type === 'activity')
    .map((message) => message.meta.activity)
    .filter((activity) => activity.type === type && activity.function.name === name)
    .map((activity) => activity.function);
}

// What the runs of a conversation were told of their events, in order.
export function incomingEvents(messages) {
  return activities(messages, 'response', '_getIncomingEvent').map((called) => called.result);
}

// How its runs ended, in order.
export function outcomes(messages) {
  return activities(messages, 'response', '_checkTriggerRunStatus').map((called) => called.result);
}
