"""The web services of recordings: SOAP 1.1, as tools that fetch recordings call them beside the XML API.

* `declared`: the services, their operations, and what these take and give.
* `wsdl`: the description of a service for SOAP libraries, written from that.
* `soap`: requests and answers as documents; `reading`: bodies of requests, with attachments; `multipart`: answers with
  attachments.
* `tickets`, `door`: who calls; `faults`: what is said when something cannot be done.
* `files`, `meetings`, `uploading`, `sounds`: what the operations do.
* `endpoint`: the addresses.

Source: facts/general-session.md 10.
"""
