/**
 * The rules of a team for sending: which delivery groups it has, from which domains they do not apply, and how many
 * recipients its plan allows in a day.
 */
export interface SendingRules {
  /** The ids of the delivery groups. By default every group exists, except `dgrp_missing`. */
  readonly deliveryGroups: ReadonlySet<string> | undefined
  /** The domains whose messages are sent through the shared providers, whatever their delivery group is. */
  readonly sharedDomains: ReadonlySet<string>
  /** The number of recipients that the team may send to in a day. */
  readonly dailyRecipients: number
}

export interface SendingRulesOptions {
  readonly deliveryGroups?: ReadonlyArray<string> | undefined
  readonly sharedDomains?: ReadonlyArray<string> | undefined
  readonly dailyRecipients?: number | undefined
}

export const sendingRules = ({
  dailyRecipients = Number.POSITIVE_INFINITY,
  deliveryGroups,
  sharedDomains = []
}: SendingRulesOptions = {}): SendingRules => ({
  deliveryGroups: deliveryGroups === undefined ? undefined : new Set(deliveryGroups),
  sharedDomains: new Set(sharedDomains.map((domain) => domain.toLowerCase())),
  dailyRecipients
})
