"""Subscription: who is told of changes by a request of ours (https://hl7.org/fhir/R4/subscription.html)."""

from models.resource_types.declaration import ResourceType, SearchParam

SUBSCRIPTION = ResourceType(
    "Subscription",
    "Who is told of alerts, or of other changes, by requests that this service makes.",
    (
        SearchParam("status", "token", "status", "requested, active, error or off.", example="active"),
        SearchParam("type", "token", "channel.type", "The kind of channel: rest-hook.", example="rest-hook"),
        SearchParam(
            "payload",
            "token",
            "channel.payload",
            "The media type of what is sent along.",
            example="application/fhir+json",
        ),
        SearchParam(
            "url",
            "uri",
            "channel.endpoint",
            "Where the requests go.",
            rare=True,
            example="https://engine.hospital.example/alerts",
        ),
        SearchParam("contact", "token", "contact", "Whom to ask about it.", rare=True, example="phone|4123"),
        SearchParam("criteria", "string", "criteria", "What it is about.", example="Observation?category"),
    ),
)
