/*
 * An alarm that is slow to change its mind.
 */
#include <clickstream/alarm.h>

WEIR_DEFINE_TYPE(alarm, ALARM_FIELDS);
WEIR_DEFINE_TYPE(alert, ALERT_FIELDS);

bool alarm_judge(struct alarm *alarm, bool bad, int64_t patience)
{
    alarm->in_a_row = bad != alarm->firing ? alarm->in_a_row + 1 : 0;
    if (alarm->in_a_row < patience) {
        return false;
    }
    alarm->firing = bad;
    alarm->in_a_row = 0;
    return true;
}
