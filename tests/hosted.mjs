// A desktop or phone that the lab hosts (/lab/v1/actors).
export { Actor as Hosted } from './clients/lab.mjs';
