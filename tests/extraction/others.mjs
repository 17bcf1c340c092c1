// The other implementations, each as a function from an expression and a body to `{ found }`, `{ none }` or `{ wrong }`.
import jmespath from 'jmespath';
import { jsonpath } from 'json-p3';

// What is no JSON (a NaN, nothing at all) is null when it is written.
const asJson = (value) => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

function otherJmespath(text, body) {
  try {
    return { found: asJson(jmespath.search(body, text)) };
  } catch (error) {
    return { wrong: String(error.message) };
  }
}

function otherJsonpath(text, body) {
  try {
    const query = jsonpath.compile(text);
    const values = query.query(body).values();
    if (!query.singularQuery()) return { found: values };
    return values.length === 0 ? { none: true } : { found: values[0] };
  } catch (error) {
    return { wrong: String(error.message) };
  }
}

export const others = { jmespath: otherJmespath, jsonpath: otherJsonpath };
