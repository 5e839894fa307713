"""Address books: contacts and distribution lists of hosts and of the site (module `ep` of the API).

Nobody finds out what another host keeps: numbers of foreign contacts and lists are as unknown as those of none.
"""

import parley.services.address_book.contacts
import parley.services.address_book.dist_lists  # noqa: F401 - entering the operations is what the imports are for
