/** What the service says of its own interface: OpenAPI 3.1, with examples that work. */
@NullMarked
package org.policyledger.api.openapi;

import org.jspecify.annotations.NullMarked;
