// Component dependencies: what an app says of them, turned into one component each (spin-contract.md §1.6).
export { composeDependencies } from './compose-app.ts';
export { refuseOtherRoles } from './middleware.ts';
export { compositionOf, hasDependencies } from './recipe.ts';
