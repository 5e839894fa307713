"""The sales service: sessions with prospects, customer accounts, opportunities, products (module `sales` of the API).

It was retired before level 42, and a new site has no session type for it; programs from before then may call it.
"""

import parley.services.sales.customers
import parley.services.sales.listing
import parley.services.sales.products
import parley.services.sales.reading
import parley.services.sales.scheduling  # noqa: F401 - entering the operations is what the imports are for
