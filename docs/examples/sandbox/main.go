// Sends a message with net/http, waits for it, receives the event of its delivery and reads the events of a mailbox.
package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"time"
)

var sandbox = "http://127.0.0.1:4700"

type object = map[string]any

// call sends a request, and reads the JSON of the response into result. It repeats the request if the API asks for it.
func call(method, path, key, idempotencyKey string, body, result any) error {
	for attempt := 1; ; attempt++ {
		var content io.Reader
		if body != nil {
			encoded, err := json.Marshal(body)
			if err != nil {
				return err
			}
			content = bytes.NewReader(encoded)
		}
		request, err := http.NewRequest(method, sandbox+path, content)
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/json")
		if key != "" {
			request.Header.Set("Authorization", "Bearer "+key)
		}
		if idempotencyKey != "" {
			request.Header.Set("Idempotency-Key", idempotencyKey)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			return err
		}
		if response.StatusCode < 300 {
			return json.Unmarshal(text, result)
		}
		var failure struct {
			Error struct {
				Code, Message string
				Retryable     bool
			}
		}
		if err := json.Unmarshal(text, &failure); err != nil {
			return err
		}
		if !failure.Error.Retryable || attempt == 3 {
			return fmt.Errorf("%s: %s", failure.Error.Code, failure.Error.Message)
		}
		seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
		if err != nil {
			seconds = 1
		}
		time.Sleep(time.Duration(seconds) * time.Second)
	}
}

// must ends the program if a call has failed.
func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	log.SetFlags(0)
	if url := os.Getenv("SANDBOX"); url != "" {
		sandbox = url
	}

	// A receiver of webhooks, which checks the signature of each event.
	var secret string
	receiver := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(request.Header.Get("X-Sendmux-Timestamp") + "."))
		mac.Write(body)
		expected := "v1=" + hex.EncodeToString(mac.Sum(nil))
		if !hmac.Equal([]byte(expected), []byte(request.Header.Get("X-Sendmux-Signature-V2"))) {
			response.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer receiver.Close()
	var webhook struct{ Data struct{ ID, Secret string } }
	must(call("POST", "/app/api/v1/webhooks", "smx_root_sandbox", "", object{
		"url":         receiver.URL,
		"event_types": []string{"message.delivered"},
	}, &webhook))
	secret = webhook.Data.Secret

	// The first request receives 503, and the second one sends the message.
	var fault object
	must(call("POST", "/__sandbox/faults", "", "", object{
		"operation": "sending.emails.send",
		"kind":      object{"_tag": "ErrorResponse", "status": 503, "retryAfter": 1},
	}, &fault))
	var sent struct {
		Data struct {
			MessageID string `json:"message_id"`
		}
	}
	must(call("POST", "/sending/api/v1/emails/send", "smx_mbx_sandbox", "welcome-agent", object{
		"from":      object{"email": "hello@example.com"},
		"to":        object{"email": "agent@sandbox.test"},
		"subject":   "Welcome",
		"html_body": "<p>Hello</p>",
	}, &sent))

	// Waits for what was sent and for the delivery of its event. Neither needs a loop.
	var email struct{ Email struct{ ID, Subject string } }
	must(call("GET", "/__sandbox/wait?for=email&to=agent@sandbox.test", "", "", nil, &email))
	if email.Email.ID != sent.Data.MessageID {
		log.Fatalf("another message was sent: %s", email.Email.ID)
	}
	var delivery struct{ Delivery struct{ Result string } }
	must(call("GET", "/__sandbox/wait?for=delivery&webhook="+webhook.Data.ID, "", "", nil, &delivery))
	if delivery.Delivery.Result != "success" {
		log.Fatalf("the receiver refused the event: %s", delivery.Delivery.Result)
	}

	// The recipient is a mailbox of the sandbox, so the message has arrived there and is an event of the mailbox.
	request, err := http.NewRequest("GET", sandbox+"/app/api/v1/mailbox/events?last_event_id=0", nil)
	must(err)
	request.Header.Set("Authorization", "Bearer smx_mbx_sandbox")
	stream, err := http.DefaultClient.Do(request)
	must(err)
	defer stream.Body.Close()
	lines := bufio.NewReader(stream.Body)
	for {
		line, err := lines.ReadString('\n')
		must(err)
		if strings.HasPrefix(line, "data: ") {
			var event struct{ Message struct{ Subject string } }
			must(json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &event))
			fmt.Println("the mailbox has received", event.Message.Subject)
			return
		}
	}
}
