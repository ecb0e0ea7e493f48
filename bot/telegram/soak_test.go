package telegram

const serveEnv = "AFTERCARE_TELEGRAM_TEST_SERVE"

func serveForKillTest() int { return 0 }
