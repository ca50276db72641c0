import { describe, expect, test } from 'vitest';
import { eventLine, parseRequest, refusal, replyLine } from '#app/control/request.js';

describe('a request', () => {
  test.each([['{"id":1,"method":"status","params":{}}', 1], ['{"params":{},"id":"a b","method":"status","more":0}', 'a b'], ['{"id":-0,"method":"status","params":{}}\r', -0], ['{"id":9007199254740991,"method":"status","params":{}}', 2 ** 53 - 1]])('%s is read', (line, id) => {
    expect(parseRequest(line)).toEqual({ ok: true, request: { id, method: 'status', params: {} } });
  });

  test.each([
    ['not JSON', 'not JSON'],
    ['{"id":1', 'not JSON'],
    ['[]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['7', 'not a JSON object'],
    ['{"method":"status","params":{}}', 'id must be'],
    ['{"id":null,"method":"status","params":{}}', 'id must be'],
    ['{"id":1.5,"method":"status","params":{}}', 'id must be'],
    ['{"id":9007199254740993,"method":"status","params":{}}', 'id must be'],
    ['{"id":1e999,"method":"status","params":{}}', 'id must be'],
    [`{"id":"${'x'.repeat(257)}","method":"status","params":{}}`, 'id must be'],
  ])('%s is refused, and there is no id to repeat', (line, words) => {
    const parsed = parseRequest(line);
    expect(parsed).toMatchObject({ ok: false, id: null, error: { code: 'bad_params' } });
    expect(parsed.ok ? '' : parsed.error.message).toContain(words);
  });

  test.each([
    ['{"id":1,"params":{}}', 'method must be'],
    ['{"id":1,"method":7,"params":{}}', 'method must be'],
    ['{"id":1,"method":"status"}', 'params must be'],
    ['{"id":1,"method":"status","params":[]}', 'params must be'],
    ['{"id":1,"method":"status","params":null}', 'params must be'],
  ])('%s is refused under its id', (line, words) => {
    const parsed = parseRequest(line);
    expect(parsed).toMatchObject({ ok: false, id: 1, error: { code: 'bad_params' } });
    expect(parsed.ok ? '' : parsed.error.message).toContain(words);
  });
});

test('a reply is one line with the id, or without one where there is none', () => {
  expect(replyLine(1, { ok: true, result: { a: 'x\ny' } })).toBe('{"id":1,"ok":true,"result":{"a":"x\\ny"}}\n');
  expect(replyLine('q', refusal('bad_params', 'no'))).toBe('{"id":"q","ok":false,"error":{"code":"bad_params","message":"no"}}\n');
  expect(replyLine(null, refusal('busy', 'another client is connected'))).toBe('{"ok":false,"error":{"code":"busy","message":"another client is connected"}}\n');
});

test('an event is one line without an id', () => {
  expect(eventLine('dropped', { count: 14 })).toBe('{"event":"dropped","data":{"count":14}}\n');
});
