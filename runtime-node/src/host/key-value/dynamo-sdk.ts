// What of Amazon's client the stores use. A module of its own, loaded only by apps that keep something there: the bundler
// names the client's exports wrongly when it is the target of `import()` itself (rolldown 1.2).
export {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  paginateScan,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
