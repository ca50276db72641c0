// A budget of bytes that nothing in a test spends: for tests that are about something else.
import { createByteBudget, type ByteBudget } from '#app/decode/byte-budget.js';

export const roomyBudget = (): ByteBudget => createByteBudget(2 ** 40);
