import { list, required, string, structure } from '../protocol/shapes.ts'

/* Shapes that operations share. What a name must be has errors of its own (`checks/name.ts`). */

export const TrailName = string()

export const TagsList = list(
  structure({ Key: required(string({ min: 1, max: 128 })), Value: string({ min: 1, max: 256 }) }),
  { max: 200 },
)
